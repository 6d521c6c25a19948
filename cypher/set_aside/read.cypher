// What decides which touchpoints of some customers are set aside
// Answers: every touchpoint with its customer, in order, those set aside among them: as what, by which rule, and as the same
// event as which other.
// Parameters:
//   $customer_ids  list of text: the customers, e.g. ['customer-1']
:params {customer_ids: ['customer-1']};
UNWIND $customer_ids AS customer_id
MATCH (:Customer {customer_id: customer_id})-[:MADE]->(t:Touchpoint|SetAside)
WITH customer_id, t
ORDER BY customer_id, t.occurred_at_us, t.touchpoint_id
RETURN customer_id, t.touchpoint_id AS touchpoint_id, t.occurred_at_us AS time, t.step AS step, t.source AS source,
       head([(t)-[:ABOUT]->(p) | p.product_id]) AS product, t.value IS NOT NULL AS has_value,
       t.anonymous_id AS visitor, t.traffic AS traffic, t.traffic_rule AS traffic_rule, t.kept IS NOT NULL AS kept,
       t.set_aside_as AS set_aside_as, t.set_aside_by AS set_aside_by,
       head([(t)-[:SAME_EVENT_AS]->(other) | other.touchpoint_id]) AS same_event_as
