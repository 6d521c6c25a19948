// Remove the sessions of customers who are about to get new ones
// Answers: nothing; their touchpoints stay.
// Parameters:
//   $customer_ids  list of text: the customers, e.g. ['customer-1']
:params {customer_ids: ['customer-1']};
UNWIND $customer_ids AS customer_id
MATCH (s:Session {customer_id: customer_id})
DETACH DELETE s
