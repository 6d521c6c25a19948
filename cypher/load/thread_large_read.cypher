// All touchpoints of one customer who has very many
// Answers: what decides where the journeys and sessions begin and end, and what is repeated on them, in the customer's order.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})-[:MADE]->(t:Touchpoint)
RETURN t.touchpoint_id AS touchpoint_id, t.occurred_at_us AS time, t.step AS step, t.channel AS channel,
       t.source AS source, t.source_session_id AS session, t.value AS value, t.currency AS currency
ORDER BY t.occurred_at_us, t.touchpoint_id
