// Journeys in which one step directly followed another
// Answers: how many journeys (and customers) took the second step right after the first.
// Parameters:
//   $before  text: step that came first, e.g. 'view_product'
//   $after   text: step that came next, e.g. 'add_to_cart'
:params {before: 'view_product', after: 'add_to_cart'};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .steps} AS journey
// } journeys
WITH journey
WHERE any(k IN range(1, size(journey.steps) - 1) WHERE journey.steps[k - 1] = $before AND journey.steps[k] = $after)
RETURN count(*) AS journeys, count(DISTINCT journey.customer_id) AS customers
