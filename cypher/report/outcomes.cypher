// How journeys ended
// Answers: for each outcome the journeys, their customers and their touchpoints. An open journey is censored: its window
// was still running at the end of the data, so it counts as neither converted nor lost.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
RETURN journey.outcome AS outcome, count(*) AS journeys, count(DISTINCT journey.customer_id) AS customers,
       sum(size(journey.steps)) AS touchpoints
ORDER BY outcome
