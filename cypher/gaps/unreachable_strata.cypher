// What an unreachable step is compared with: first visits by depth at the same stage
// Answers: for each depth of a closed journey's first visit to a step: how many visits the step itself and the other steps of its stage
// had (`trials`), and how many of them did not convert; given a second step: only conversions, and how many passed it later.
// The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps       list of text: the step, and the step that all its ways lead through where there is one, e.g. ['legacy_form']
//   $same_stage  list of text: the steps at its stage, itself included, e.g. ['legacy_form', 'search']
//   $depths      list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['legacy_form'], same_stage: ['legacy_form', 'search'], depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE journey.outcome <> 'open' AND (size($steps) = 1 OR journey.outcome = 'converted')
UNWIND range(0, size(journey.steps) - 1) AS k
WITH journey, k, journey.steps[k] AS step
WHERE step IN $same_stage AND NOT step IN journey.steps[..k] AND NOT step IN tail($steps)
WITH head([depth IN $depths WHERE depth > k]) AS depth, step = $steps[0] AS subject,
     CASE size($steps) WHEN 1 THEN journey.outcome <> 'converted'
          ELSE $steps[1] IN journey.steps[k + 1..] END AS event
RETURN depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY depth
