// Journeys of some customers, with the ids of their touchpoints
// Answers: what an intent score is computed from: each journey with its steps, channels and instants (microseconds
// since 1970, UTC) in the customer's order, and in the same order the ids of those touchpoints and their products,
// categories and campaigns (an empty text where there is none).
// Parameters:
//   $customer_ids  list of text: whose journeys, e.g. ['C-1', 'C-2']
:params {customer_ids: ['C-1', 'C-2']};
// journeys {
UNWIND $customer_ids AS wanted
MATCH (:Customer {customer_id: wanted})-[:HAD]->(j:Journey)
CALL (j) {
  MATCH (j)-[included:INCLUDES]->(t:Touchpoint)
  WITH t, included ORDER BY included.position
  RETURN collect(t.touchpoint_id) AS touchpoint_ids
}
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us,
        touchpoint_ids: touchpoint_ids} AS journey
// } journeys
WITH journey WHERE journey.customer_id IN $customer_ids
CALL (journey) {
  UNWIND range(0, size(journey.touchpoint_ids) - 1) AS position
  MATCH (t:Touchpoint {touchpoint_id: journey.touchpoint_ids[position]})
  OPTIONAL MATCH (t)-[:ABOUT]->(p:Product)
  OPTIONAL MATCH (p)-[:IN_CATEGORY]->(c:Category)
  OPTIONAL MATCH (t)-[:CAME_FROM]->(m:Campaign)
  WITH position, t, min(p.product_id) AS product, min(c.name) AS category, min(m.name) AS campaign
  WITH position, coalesce(product, '') AS product, coalesce(category, t.p_product_category, '') AS category,
       coalesce(campaign, '') AS campaign
  ORDER BY position
  RETURN collect(product) AS products, collect(category) AS categories, collect(campaign) AS campaigns
}
RETURN journey.journey_id AS id, journey.customer_id AS customer_id, journey.outcome AS outcome,
       journey.value AS value, journey.steps AS steps, journey.channels AS channels,
       journey.occurred_at_us AS occurred_at_us, journey.touchpoint_ids AS touchpoint_ids,
       products, categories, campaigns
ORDER BY customer_id, occurred_at_us[0], id
