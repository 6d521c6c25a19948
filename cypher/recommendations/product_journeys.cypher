// Journeys that touched a product
// Answers: how many journeys (and customers) touched the product, and how often in all.
// Parameters:
//   $product_id  text: the product, e.g. 'P-1'
:params {product_id: 'P-1'};
// journeys {
MATCH (:Product {product_id: $product_id})<-[:ABOUT]-(t:Touchpoint)<-[:INCLUDES]-(j:Journey)
WITH j, collect(t.touchpoint_id) AS touchpoint_ids
WITH j {.journey_id, .customer_id, touchpoint_ids: touchpoint_ids} AS journey
// } journeys
UNWIND journey.touchpoint_ids AS touchpoint_id
MATCH (t:Touchpoint {touchpoint_id: touchpoint_id})-[:ABOUT]->(:Product {product_id: $product_id})
RETURN count(DISTINCT journey.journey_id) AS journeys, count(DISTINCT journey.customer_id) AS customers,
       count(t) AS touchpoints
