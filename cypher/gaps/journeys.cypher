// How many journeys there are, by outcome
// Answers: the journeys that a gap report looked at; open ones are still under way and never counted as lost.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
RETURN count(journey) AS journeys,
       count(CASE journey.outcome WHEN 'converted' THEN 1 END) AS converted,
       count(CASE journey.outcome WHEN 'lost' THEN 1 END) AS lost,
       count(CASE journey.outcome WHEN 'open' THEN 1 END) AS open
