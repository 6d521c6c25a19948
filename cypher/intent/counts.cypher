// What was known of a customer at an instant
// Answers: for each step how often the customer had taken it by then: at all, in the journey still running (none where it
// ended in a conversion or its window has passed), in the last 1, 7 and 30 days, and as a conversion. An intent score
// stands on these counts.
// Parameters:
//   $customer_id  text: whose touchpoints, e.g. 'C-1'
//   $instant_us   integer: the instant, in microseconds since 1970 (UTC), e.g. 1767225600000000
:params {customer_id: 'C-1', instant_us: 1767225600000000};
// journeys {
MATCH (:Customer {customer_id: $customer_id})-[:HAD]->(j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey WHERE journey.customer_id = $customer_id AND journey.occurred_at_us[0] <= $instant_us
WITH journey, [k IN range(0, size(journey.steps) - 1) WHERE journey.occurred_at_us[k] <= $instant_us] AS known
ORDER BY journey.occurred_at_us[0] DESC, journey.journey_id DESC
WITH collect({journey: journey, known: known}) AS history
MATCH (rules:Configuration {name: 'journeys'})
WITH history,
     CASE WHEN history[0].journey.outcome = 'converted' AND size(history[0].known) = size(history[0].journey.steps)
          THEN null
          WHEN $instant_us - history[0].journey.occurred_at_us[last(history[0].known)] > rules.journey_window_us
          THEN null
          ELSE history[0].journey.journey_id END AS running
UNWIND history AS entry
UNWIND entry.known AS k
WITH running, entry.journey AS journey, k,
     ($instant_us - entry.journey.occurred_at_us[k]) / 86400000000.0 AS age_days
RETURN journey.steps[k] AS step,
       count(*) AS touchpoints,
       sum(CASE WHEN journey.journey_id = running THEN 1 ELSE 0 END) AS in_journey,
       sum(CASE WHEN age_days < 1 THEN 1 ELSE 0 END) AS last_1_day,
       sum(CASE WHEN age_days < 7 THEN 1 ELSE 0 END) AS last_7_days,
       sum(CASE WHEN age_days < 30 THEN 1 ELSE 0 END) AS last_30_days,
       sum(CASE WHEN journey.outcome = 'converted' AND k = size(journey.steps) - 1 THEN 1 ELSE 0 END) AS conversions
ORDER BY step
