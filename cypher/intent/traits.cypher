// What the touchpoints of journeys were about
// Answers: for each touchpoint that names a product, a category or a campaign: its journey, its place in it (from 0) and
// those names. Intent scores learn from them.
// Parameters:
// journeys {
MATCH (j:Journey)
CALL (j) {
  MATCH (j)-[included:INCLUDES]->(t:Touchpoint)
  WITH t, included ORDER BY included.position
  RETURN collect(t) AS touchpoints
}
WITH j {.journey_id, .customer_id, touchpoints: touchpoints} AS journey
// } journeys
UNWIND range(0, size(journey.touchpoints) - 1) AS position
WITH journey.journey_id AS id, position, journey.touchpoints[position] AS t
OPTIONAL MATCH (t)-[:ABOUT]->(p:Product)
OPTIONAL MATCH (p)-[:IN_CATEGORY]->(c:Category)
OPTIONAL MATCH (t)-[:CAME_FROM]->(m:Campaign)
WITH id, position, t, min(p.product_id) AS product, min(c.name) AS category, min(m.name) AS campaign
WITH id, position, product, coalesce(category, t.p_product_category) AS category, campaign
WHERE product IS NOT NULL OR category IS NOT NULL OR campaign IS NOT NULL
RETURN id, position, product, category, campaign
