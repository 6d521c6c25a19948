// Some journeys, step by step
// Answers: the journeys of these ids with their outcome, the instant of their first touchpoint and their steps in order.
// Parameters:
//   $journey_ids  list of text: journey ids, as findings give them as examples
:params {journey_ids: ['j:1']};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, head(journey.occurred_at_us) AS first_us
WHERE journey.journey_id IN $journey_ids
RETURN journey.journey_id AS id, journey.outcome AS outcome,
       toString(datetime({epochSeconds: first_us / 1000000, nanosecond: first_us % 1000000 * 1000})) AS started_at,
       journey.steps AS steps
ORDER BY id
