// What a touchpoint is compared with: the same way without it
// Answers: for each step before, step after and depth: how many journeys went through the touchpoint (the first time counts) and
// how many of them were lost in the end, and the same for those that went directly. The depth is that at which the way
// ends: the bucket's upper end, null above the last one.
// Parameters:
//   $steps           list of text: the touchpoint, e.g. ['ask_in_store']
//   $goals           list of text: the steps that end a conversion; a way to them is none, e.g. ['purchase']
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $known_until_us  integer: only ways that ended before this instant (microseconds since 1970), e.g. 4102444800000000
:params {steps: ['ask_in_store'], goals: ['purchase'], depths: [1, 2, 3, 5, 10], known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE journey.outcome <> 'open' AND size(journey.steps) > 1
WITH journey, [k IN range(1, size(journey.steps) - 1)
               WHERE journey.occurred_at_us[k] < $known_until_us AND NOT journey.steps[k] IN $goals] AS ends
WITH journey, ends,
     head([k IN ends WHERE k > 1 AND journey.steps[k - 1] = $steps[0] AND journey.steps[k - 2] <> $steps[0]
             AND journey.steps[k] <> $steps[0] AND journey.steps[k] <> journey.steps[k - 2]]) AS through
UNWIND [k IN ends WHERE journey.steps[k - 1] <> journey.steps[k]
          AND none(l IN ends WHERE l < k AND journey.steps[l] = journey.steps[k]
                                 AND journey.steps[l - 1] = journey.steps[k - 1]) |
        {from: journey.steps[k - 1], to: journey.steps[k], at: k, passed: false}]
       + CASE WHEN through IS NULL THEN [] ELSE
         [{from: journey.steps[through - 2], to: journey.steps[through], at: through, passed: true}] END AS way
WITH way.from AS from, way.to AS to, head([depth IN $depths WHERE depth > way.at]) AS depth, way.passed AS passed,
     journey.outcome = 'lost' AS lost
WITH from, to, depth, count(CASE WHEN passed THEN 1 END) AS trials, count(CASE WHEN passed AND lost THEN 1 END) AS events,
     count(CASE WHEN NOT passed THEN 1 END) AS reference_trials,
     count(CASE WHEN NOT passed AND lost THEN 1 END) AS reference_events
WHERE trials > 0 AND reference_trials > 0
RETURN from, to, depth, trials, events, reference_trials, reference_events
ORDER BY from, to, depth
