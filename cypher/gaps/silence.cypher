// Journeys that waited long between two steps
// Answers: of the closed journeys that went along a transition (its first time counts), how many waited longer than the
// bound, how many were lost after a long and after a short wait, and the median of the long waits (microseconds).
// Parameters:
//   $steps              list of text: the two steps, e.g. ['open_ticket', 'agent_reply']
//   $longer_than_us     integer: a wait above this many microseconds is long, e.g. 86400000000
//   $known_until_us  integer: only waits that ended before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $examples           integer: how many journey ids to return, e.g. 5
:params {steps: ['open_ticket', 'agent_reply'], longer_than_us: 86400000000, known_until_us: 4102444800000000, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, head([k IN range(1, size(journey.steps) - 1)
                    WHERE journey.steps[k - 1] = $steps[0] AND journey.steps[k] = $steps[1]]) AS k
WHERE k IS NOT NULL AND journey.outcome <> 'open' AND journey.occurred_at_us[k] < $known_until_us
WITH journey, journey.occurred_at_us[k] - journey.occurred_at_us[k - 1] AS wait_us
WITH journey, wait_us, wait_us > $longer_than_us AS long, journey.outcome = 'lost' AS lost
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN long THEN journey.journey_id END) AS waited,
     count(CASE WHEN long THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN long THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers,
     count(CASE WHEN long AND lost THEN 1 END) AS lost_after_long,
     count(CASE WHEN NOT long AND lost THEN 1 END) AS lost_after_short,
     percentileDisc(CASE WHEN long THEN wait_us END, 0.5) AS median_long_wait_us
RETURN affected, denominator, affected_customers, denominator_customers,
       {lost_after_long: lost_after_long, lost_after_short: lost_after_short,
        median_long_wait_us: median_long_wait_us} AS counts, waited[..$examples] AS examples
