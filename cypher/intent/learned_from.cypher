// What there is until the end of a model's data
// Answers: the customers, their journeys, touchpoints and conversions, of the touchpoints that happened until then.
// Parameters:
//   $until_us  whole number, an instant in microseconds since 1970, UTC: the end of the model's data, e.g. 1769860800000000
:params {until_us: 1769860800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, size([at IN journey.occurred_at_us WHERE at <= $until_us]) AS known
WHERE known > 0
RETURN count(DISTINCT journey.customer_id) AS customers,
       count(*) AS journeys,
       sum(known) AS touchpoints,
       count(CASE WHEN journey.outcome = 'converted' AND known = size(journey.steps) THEN 1 END) AS conversions
