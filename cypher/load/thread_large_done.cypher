// Take the mark from a customer whose journeys were built some at a time
// Answers: 1 where the customer has as many touchpoints as were threaded, 0 where the mark stays, for others came in between.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $touchpoints  integer: how many were threaded, e.g. 100000
:params {customer_id: 'customer-1', touchpoints: 100000};
MATCH (c:Customer {customer_id: $customer_id})
REMOVE c:Unthreaded
WITH c, COUNT { (c)-[:MADE]->() } = $touchpoints AS done
FOREACH (_ IN CASE WHEN done THEN [] ELSE [1] END | SET c:Unthreaded)
RETURN CASE WHEN done THEN 1 ELSE 0 END AS done
