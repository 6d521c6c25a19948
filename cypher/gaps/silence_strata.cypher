// What a silence is compared with: losses after long and short waits by depth
// Answers: for each depth at which the wait ended, how many journeys waited long and how many of them were lost, and the
// same for short waits. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps              list of text: the two steps, e.g. ['open_ticket', 'agent_reply']
//   $longer_than_us     integer: a wait above this many microseconds is long, e.g. 86400000000
//   $known_until_us  integer: only waits that ended before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $depths             list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['open_ticket', 'agent_reply'], longer_than_us: 86400000000, known_until_us: 4102444800000000, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, head([k IN range(1, size(journey.steps) - 1)
                    WHERE journey.steps[k - 1] = $steps[0] AND journey.steps[k] = $steps[1]]) AS k
WHERE k IS NOT NULL AND journey.outcome <> 'open' AND journey.occurred_at_us[k] < $known_until_us
WITH head([depth IN $depths WHERE depth > k]) AS depth, journey.outcome = 'lost' AS lost,
     journey.occurred_at_us[k] - journey.occurred_at_us[k - 1] > $longer_than_us AS long
RETURN depth, count(CASE WHEN long THEN 1 END) AS trials, count(CASE WHEN long AND lost THEN 1 END) AS events,
       count(CASE WHEN NOT long THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT long AND lost THEN 1 END) AS reference_events
ORDER BY depth
