// The customers whose journeys deviate from a declared journey in one way
// Answers: each customer and journey in which a case begins that deviates in this way at this step, with its fitness.
// Parameters:
//   $starts       text or null: the step that a case starts with, null for whole journeys, e.g. 'purchase'
//   $until_us     integer: how long after its start a case is looked at (microseconds), e.g. 2592000000000
//   $data_end_us  integer: the end of the data (microseconds since 1970), e.g. 1767225600000000
//   $window_us    integer: the journey window, in which a conversion may follow a case (microseconds), e.g. 2592000000000
//   $rules        list of maps: step, required, within_us, since, channels, repeats, by_customer, before and branching of each step
//   $branchings   list of maps: name, required and ways (lists of steps) of each choice
//   $forbidden    list of text: the steps that must not happen
//   $kind         text: missing, late, out_of_order, wrong_channel, repeated or forbidden
//   $step         text: the step, or the name of the choice
:params {starts: 'purchase', until_us: 2592000000000, data_end_us: 1767225600000000, window_us: 2592000000000, rules: [{step: 'follow_up_email', required: true, within_us: 604800000000, since: null, channels: ['email'], repeats: true, by_customer: false, before: [], branching: null}], branchings: [], forbidden: ['complaint'], kind: 'missing', step: 'follow_up_email'};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey ORDER BY journey.customer_id, head(journey.occurred_at_us), journey.journey_id
WITH journey.customer_id AS customer_id, collect(journey) AS journeys
WHERE $starts IS NULL OR any(j IN journeys WHERE $starts IN j.steps)
WITH customer_id, journeys,
     reduce(all = [], j IN journeys | all + j.steps) AS steps,
     reduce(all = [], j IN journeys | all + j.channels) AS channels,
     reduce(all = [], j IN journeys | all + j.occurred_at_us) AS times,
     [j IN journeys WHERE j.outcome = 'converted' | last(j.occurred_at_us)] AS conversions
UNWIND range(0, size(journeys) - 1) AS n
WITH customer_id, journeys[n] AS journey, reduce(many = 0, j IN journeys[..n] | many + size(j.steps)) AS offset,
     steps, channels, times, conversions
WITH *, CASE WHEN $starts IS NULL THEN offset
             ELSE offset + head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $starts]) END AS first
WHERE first IS NOT NULL
  AND CASE WHEN $starts IS NULL THEN journey.outcome <> 'open' ELSE times[first] + $until_us <= $data_end_us END
WITH *, CASE WHEN $starts IS NULL THEN offset + size(journey.steps)
             ELSE first + size([k IN range(first, size(steps) - 1) WHERE times[k] - times[first] <= $until_us]) END AS stop
WITH customer_id, journey, steps[first..stop] AS steps, channels[first..stop] AS channels,
     times[first..stop] AS times, times[first] + $until_us AS over_us, conversions
WITH *, CASE WHEN $starts IS NULL THEN true ELSE over_us + $window_us <= $data_end_us END AS outcome_known,
     CASE WHEN $starts IS NULL THEN journey.outcome = 'converted'
          ELSE any(at IN conversions WHERE over_us < at AND at <= over_us + $window_us) END AS converted
WITH *, [choice IN $branchings | reduce(best = {steps: 0, way: []}, way IN choice.ways |
           CASE WHEN size([step IN way WHERE step IN steps]) > best.steps
                THEN {steps: size([step IN way WHERE step IN steps]), way: way} ELSE best END).way] AS ways
WITH *, [rule IN $rules WHERE rule.branching IS NULL OR rule.step IN ways[rule.branching]] AS asked
WITH *, [rule IN asked | rule {.*,
           here: [k IN range(0, size(steps) - 1) WHERE steps[k] = rule.step],
           since_at: CASE WHEN rule.since IS NULL THEN 0
                          ELSE head([k IN range(0, size(steps) - 1) WHERE steps[k] = rule.since]) END,
           after: last([other IN rule.before WHERE other IN steps AND other IN [one IN asked | one.step]])}] AS asked
WITH *, [rule IN asked | {step: rule.step, required: rule.required, here: size(rule.here) > 0, kinds:
           CASE WHEN rule.required AND size(rule.here) = 0 THEN ['missing'] ELSE [] END
         + CASE WHEN times[head([k IN rule.here WHERE k >= rule.since_at])] - times[rule.since_at] > rule.within_us
                THEN ['late'] ELSE [] END
         + CASE WHEN last(rule.here) < head([k IN range(0, size(steps) - 1) WHERE steps[k] = rule.after])
                THEN ['out_of_order'] ELSE [] END
         + CASE WHEN size(rule.here) > 0 AND none(k IN rule.here WHERE channels[k] IN rule.channels)
                THEN ['wrong_channel'] ELSE [] END
         + CASE WHEN NOT rule.repeats AND size(rule.here) > 1 THEN ['repeated'] ELSE [] END}]
       + [n IN range(0, size($branchings) - 1) WHERE $branchings[n].required |
          {step: $branchings[n].name, required: true, here: size(ways[n]) > 0,
           kinds: CASE WHEN ways[n] = [] THEN ['missing'] ELSE [] END}]
       + [step IN $forbidden WHERE step IN steps | {step: step, required: true, here: true, kinds: ['forbidden']}] AS items
WITH customer_id, journey, outcome_known, converted,
     [item IN items WHERE item.here OR item.required] AS items
WITH *, [item IN items WHERE item.kinds <> []] AS broken
WITH customer_id, journey, items, broken
WHERE any(item IN broken WHERE item.step = $step AND $kind IN item.kinds)
RETURN customer_id, journey.journey_id AS journey_id, 1.0 - toFloat(size(broken)) / size(items) AS fitness
ORDER BY customer_id, journey_id
