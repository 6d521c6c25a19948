// Remove the journeys, sessions and order of customers who are about to get new ones
// Answers: nothing; their touchpoints stay.
// Parameters:
//   $customer_ids  list of text: the customers, e.g. ['customer-1']
:params {customer_ids: ['customer-1']};
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {customer_id: customer_id})
CALL (c) {
  MATCH (c)-[:MADE]->(:Touchpoint)-[next:NEXT]->()
  DELETE next
}
CALL (c) {
  MATCH (c)-[:HAD]->(j:Journey)
  DETACH DELETE j
}
CALL (c) {
  MATCH (s:Session {customer_id: c.customer_id})
  DETACH DELETE s
}
