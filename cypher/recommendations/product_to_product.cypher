// Journeys that went on from one product to another
// Answers: how many journeys (and customers) touched the first product and, anywhere later, the second one.
// Parameters:
//   $before  text: product id that came first, e.g. 'P-1'
//   $after   text: product id that came later, e.g. 'P-2'
:params {before: 'P-1', after: 'P-2'};
// journeys {
MATCH (:Product {product_id: $before})<-[:ABOUT]-(:Touchpoint)<-[:INCLUDES]-(j:Journey)
WITH DISTINCT j
CALL (j) {
  MATCH (j)-[included:INCLUDES]->(t:Touchpoint)
  WITH t, included ORDER BY included.position
  RETURN collect(t.touchpoint_id) AS touchpoint_ids
}
WITH j {.journey_id, .customer_id, touchpoint_ids: touchpoint_ids} AS journey
// } journeys
UNWIND range(0, size(journey.touchpoint_ids) - 1) AS position
MATCH (t:Touchpoint {touchpoint_id: journey.touchpoint_ids[position]})-[:ABOUT]->(p:Product)
WHERE p.product_id IN [$before, $after]
WITH journey,
     min(CASE WHEN p.product_id = $before THEN position END) AS first_before,
     max(CASE WHEN p.product_id = $after THEN position END) AS last_after
WHERE first_before < last_after
RETURN count(*) AS journeys, count(DISTINCT journey.customer_id) AS customers
