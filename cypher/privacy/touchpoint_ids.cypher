// Ids of one person's touchpoints, and of the sessions that their sources gave
// Answers: for each touchpoint its id, the load that brought it (null: none) and the source's own session id.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})-[:MADE]->(t:Touchpoint|SetAside)
RETURN t.touchpoint_id AS touchpoint_id, t.batch_id AS batch_id, t.source_session_id AS source_session_id
