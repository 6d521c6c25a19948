// Products that journeys were about
// Answers: for each journey that touched a product: the products, the steps, the instants (microseconds since 1970, UTC)
// and the ids of those touchpoints, in lists of one length. Recommendations of products learn from it.
// Parameters:
// journeys {
MATCH (j:Journey)-[:INCLUDES]->(t:Touchpoint)
WHERE EXISTS { (t)-[:ABOUT]->(:Product) }
WITH j, collect(t.touchpoint_id) AS touchpoint_ids
WITH j {.journey_id, .customer_id, touchpoint_ids: touchpoint_ids} AS journey
// } journeys
UNWIND journey.touchpoint_ids AS touchpoint_id
MATCH (t:Touchpoint {touchpoint_id: touchpoint_id})-[:ABOUT]->(p:Product)
WITH journey.journey_id AS id, journey.customer_id AS customer_id, t, p
RETURN id, customer_id, collect(p.product_id) AS products, collect(t.step) AS steps,
       collect(t.occurred_at_us) AS occurred_at_us, collect(t.touchpoint_id) AS touchpoint_ids
