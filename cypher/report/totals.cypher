// How much was analysed
// Answers: the journeys, the customers who made them, how many of those are known only by a visitor's id, their
// touchpoints, and the instants of the first and the last touchpoint.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH count(*) AS journeys,
     count(DISTINCT journey.customer_id) AS customers,
     count(DISTINCT CASE WHEN journey.customer_id STARTS WITH 'anonymous:' THEN journey.customer_id END) AS anonymous,
     sum(size(journey.steps)) AS touchpoints,
     min(head(journey.occurred_at_us)) AS first_us,
     max(last(journey.occurred_at_us)) AS last_us
RETURN journeys, customers, anonymous, touchpoints,
       CASE WHEN journeys > 0
            THEN toString(datetime({epochSeconds: first_us / 1000000, nanosecond: first_us % 1000000 * 1000})) END AS first_at,
       CASE WHEN journeys > 0
            THEN toString(datetime({epochSeconds: last_us / 1000000, nanosecond: last_us % 1000000 * 1000})) END AS last_at
