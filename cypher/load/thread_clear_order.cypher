// Remove the order of the touchpoints of customers who are about to get a new one
// Answers: nothing; their touchpoints stay.
// Parameters:
//   $customer_ids  list of text: the customers, e.g. ['customer-1']
:params {customer_ids: ['customer-1']};
UNWIND $customer_ids AS customer_id
MATCH (:Customer {customer_id: customer_id})-[:MADE]->(:Touchpoint)-[next:NEXT]->()
DELETE next
