// Journeys that took a step
// Answers: how many journeys (and customers) took the step, and how often in all.
// Parameters:
//   $step  text: the step, e.g. 'add_to_cart'
:params {step: 'add_to_cart'};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .steps} AS journey
// } journeys
WITH journey WHERE $step IN journey.steps
RETURN count(*) AS journeys, count(DISTINCT journey.customer_id) AS customers,
       sum(size([step IN journey.steps WHERE step = $step])) AS touchpoints
