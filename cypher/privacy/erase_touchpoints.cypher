// Erase one person: touchpoints
// Answers: how many were removed of each load (null: of none).
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $limit  integer: how many at once, e.g. 10000
:params {customer_id: 'customer-1', limit: 10000};
MATCH (:Customer {customer_id: $customer_id})-[:MADE]->(t:Touchpoint|SetAside)
WITH t, t.batch_id AS batch_id LIMIT $limit
DETACH DELETE t
RETURN batch_id, count(*) AS touchpoints
