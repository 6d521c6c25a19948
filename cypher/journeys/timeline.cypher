// A customer's journeys, touchpoint by touchpoint
// Answers: every touchpoint of the customer in order, with the journey that it belongs to and how that journey ended.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})-[:HAD]->(j:Journey)-[place:INCLUDES]->(t:Touchpoint)
OPTIONAL MATCH (t)-[:ABOUT]->(product:Product)
OPTIONAL MATCH (t)-[:CAME_FROM]->(campaign:Campaign)
RETURN j.journey_id AS journey_id, j.outcome AS outcome, place.position AS position,
       t.touchpoint_id AS touchpoint_id, t.step AS step, t.channel AS channel, t.stage AS stage,
       t.occurred_at AS occurred_at, t.source AS source, t.source_session_id AS session_id, t.value AS value,
       t.currency AS currency, product.product_id AS product_id, product.name AS product_name,
       campaign.name AS campaign, t.anonymous_id AS anonymous_id, properties(t) AS properties
ORDER BY t.occurred_at_us, t.touchpoint_id
