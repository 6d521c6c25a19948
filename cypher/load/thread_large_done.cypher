// Take the mark from a customer whose journeys were built some at a time
// Answers: 1 where all is there once that was built, 0 where the mark stays, for touchpoints came in between, or a load that died
// left something.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $built  map: how many touchpoints were threaded, and how many steps, journeys, sessions and parts of these were made of them
:params {customer_id: 'customer-1', built: {touchpoints: 100000, steps: 99999, journeys: 1, sessions: 1, parts: 200000}};
MATCH (c:Customer {customer_id: $customer_id})
REMOVE c:Unthreaded
WITH c, {touchpoints: COUNT { (c)-[:MADE]->(:Touchpoint) }, steps: COUNT { (c)-[:MADE]->(:Touchpoint)-[:NEXT]->() },
         journeys: COUNT { (c)-[:HAD]->(:Journey) }, sessions: COUNT { (:Session {customer_id: $customer_id}) },
         parts: COUNT { (c)-[:MADE]->(:Touchpoint)<-[:INCLUDES]-(:Journey|Session) }} = $built AS done
FOREACH (_ IN CASE WHEN done THEN [] ELSE [1] END | SET c:Unthreaded)
RETURN CASE WHEN done THEN 1 ELSE 0 END AS done
