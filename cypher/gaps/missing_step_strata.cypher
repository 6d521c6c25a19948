// What a missing step is compared with: who had it in time and was alike
// Answers: for journeys in which the step was due, alike in depth (the customer's touchpoints up to the one that the time
// counts from), in its channel, in whether the customer had converted before, in the number of touchpoints in the time
// allowed (without the step itself where it is no act of the customer), and in the step that came instead (where there
// is no time limit): how many were without the step and did not convert afterwards, and the same for those with it.
// Depth and others are upper ends of buckets, null above the last one.
// Parameters:
//   $starts       text or null: the step that a case starts with, null for whole journeys, e.g. 'purchase'
//   $since        text or null: the step that the time counts from, null for the start, e.g. null
//   $steps        list of text: that step (where there is one) and, last, the required one, e.g. ['purchase', 'follow_up_email']
//   $within_us    integer or null: the time limit (microseconds); null: until one of the later steps, e.g. 604800000000
//   $later        list of text: the steps declared after the required one, e.g. []
//   $until_us     integer: how long after its start a case is looked at (microseconds), e.g. 2592000000000
//   $data_end_us  integer: the end of the data (microseconds since 1970), e.g. 1767225600000000
//   $window_us    integer: the journey window, in which a conversion counts (microseconds), e.g. 2592000000000
//   $by_customer  boolean: whether the required step is an act of the customer, e.g. false
//   $depths       list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $others       list of integer: upper ends of the buckets of other touchpoints, e.g. [0, 1, 2, 3, 5, 8]
:params {starts: 'purchase', since: null, steps: ['purchase', 'follow_up_email'], within_us: 604800000000, later: [], until_us: 2592000000000, data_end_us: 1767225600000000, window_us: 2592000000000, by_customer: false, depths: [1, 2, 3, 5, 10], others: [0, 1, 2, 3, 5, 8]};
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
     reduce(seen = {many: 0, places: []}, j IN journeys | {many: seen.many + size(j.steps), places: seen.places +
       CASE WHEN j.outcome = 'converted' THEN [seen.many + size(j.steps) - 1] ELSE [] END}).places AS conversions
UNWIND range(0, size(journeys) - 1) AS n
WITH customer_id, journeys[n] AS journey, reduce(many = 0, j IN journeys[..n] | many + size(j.steps)) AS offset,
     steps, channels, times, conversions
WITH *, CASE WHEN $starts IS NULL THEN offset
             ELSE offset + head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $starts]) END AS first
WHERE first IS NOT NULL
WITH *, CASE WHEN $starts IS NULL THEN offset + size(journey.steps)
             ELSE first + size([k IN range(first, size(steps) - 1) WHERE times[k] - times[first] <= $until_us]) END AS stop
WITH *, CASE WHEN $since IS NULL THEN first ELSE head([k IN range(first, stop - 1) WHERE steps[k] = $since]) END AS since
WITH *, CASE WHEN $within_us IS NULL THEN head([k IN range(since + 1, stop - 1) WHERE steps[k] IN $later]) END AS passed
WITH *, CASE WHEN $within_us IS NULL THEN times[passed] ELSE times[since] + $within_us END AS due_us
WHERE due_us <= $data_end_us
WITH *, CASE WHEN $within_us IS NULL THEN passed ELSE size([at IN times WHERE at <= due_us]) END AS until,
     CASE WHEN $within_us IS NULL THEN passed + 1 ELSE size([at IN times WHERE at <= due_us]) END AS after
WITH *, CASE WHEN $starts IS NULL AND stop < until THEN stop ELSE until END AS own
WITH *, none(k IN range(since, own - 1) WHERE steps[k] = last($steps)) AS missing,
     due_us + $window_us <= $data_end_us AND none(c IN conversions WHERE since < c AND c < after) AS compared,
     any(c IN conversions WHERE after <= c AND times[c] <= due_us + $window_us) AS converted
WITH * WHERE compared
WITH head([depth IN $depths WHERE depth > since]) AS depth, channels[since] AS channel, steps[passed] AS passed,
     any(c IN conversions WHERE c < since) AS returning,
     until - since - 1 - CASE WHEN $by_customer THEN 0
       ELSE size([k IN range(since + 1, until - 1) WHERE steps[k] = last($steps)]) END AS others,
     missing, converted
WITH depth, channel, passed, returning, head([bound IN $others WHERE bound >= others]) AS others, missing, converted
RETURN depth, channel, returning, others, passed,
       count(CASE WHEN missing AND NOT converted THEN 1 END) AS events, count(CASE WHEN missing THEN 1 END) AS trials,
       count(CASE WHEN NOT missing AND NOT converted THEN 1 END) AS reference_events,
       count(CASE WHEN NOT missing THEN 1 END) AS reference_trials
ORDER BY depth, channel, returning, others, passed
