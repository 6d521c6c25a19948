// Remove the journeys of customers who are about to get new ones
// Answers: nothing; their touchpoints stay. A customer with journeys is one who may have an order and sessions, too, so
// this comes last.
// Parameters:
//   $customer_ids  list of text: the customers, e.g. ['customer-1']
:params {customer_ids: ['customer-1']};
UNWIND $customer_ids AS customer_id
MATCH (:Customer {customer_id: customer_id})-[:HAD]->(j:Journey)
DETACH DELETE j
