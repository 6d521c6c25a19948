// What a missing step of a group is compared with: cases outside the group that are alike
// Answers: for cases alike in depth, channel, earlier conversions, the number of touchpoints in the time allowed and the step that came
// instead (see `missing_step_strata`): how many there were in the group and how many of them were without the step and did not
// convert, and the same outside the group. Depth and others are upper ends of buckets, null above the last one.
// Parameters:
//   $starts       text or null: the step that a case starts with, null for whole journeys, e.g. 'purchase'
//   $since        text or null: the step that the time counts from, null for the start, e.g. null
//   $steps        list of text: that step (where there is one) and, last, the required one, e.g. ['purchase', 'follow_up_email']
//   $within_us    integer or null: the time limit (microseconds); null: until one of the later steps, e.g. 604800000000
//   $later        list of text: the steps declared after the required one, e.g. []
//   $until_us     integer: how long after its start a case is looked at (microseconds), e.g. 2592000000000
//   $data_end_us  integer: the end of the data (microseconds since 1970), e.g. 1767225600000000
//   $window_us    integer: the journey window, in which a conversion counts (microseconds), e.g. 2592000000000
//   $property     text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value        text: its value, or the segment's name, e.g. 'ios'
//   $carried      boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at   text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $by_customer  boolean: whether the required step is an act of the customer, e.g. false
//   $depths       list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $others       list of integer: upper ends of the buckets of other touchpoints, e.g. [0, 1, 2, 3, 5, 8]
:params {starts: 'purchase', since: null, steps: ['purchase', 'follow_up_email'], within_us: 604800000000, later: [], until_us: 2592000000000, data_end_us: 1767225600000000, window_us: 2592000000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, by_customer: false, depths: [1, 2, 3, 5, 10], others: [0, 1, 2, 3, 5, 8]};
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
WITH journey, first - offset AS k, head([depth IN $depths WHERE depth > since]) AS depth, channels[since] AS channel,
     steps[passed] AS passed, any(c IN conversions WHERE c < since) AS returning,
     until - since - 1 - CASE WHEN $by_customer THEN 0
       ELSE size([k IN range(since + 1, until - 1) WHERE steps[k] = last($steps)]) END AS others,
     missing AND NOT converted AS event
WITH journey, [{k: k, event: event, depth: depth, channel: channel, returning: returning, passed: passed,
                others: head([bound IN $others WHERE bound >= others])}] AS trials
WITH journey, trials, coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) AS touchpoints, $property = 'segment' AND EXISTS {
       MATCH (:Customer {customer_id: journey.customer_id})-[m:IN_SEGMENT]->(:Segment {name: $value})
       WHERE CASE WHEN $members_at IS NULL THEN m.until IS NULL
         ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END } AS member
WITH journey, trials, [t IN touchpoints | CASE $property WHEN 'campaign' THEN head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])
                                 WHEN 'segment' THEN CASE WHEN member THEN $value END
                                 ELSE toStringOrNull(t[$property]) END] AS values
UNWIND trials AS trial
WITH trial.depth AS depth, trial.channel AS channel, trial.returning AS returning, trial.others AS others, trial.passed AS passed, trial.event AS event,
     coalesce(CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value, false) AS subject
RETURN depth, channel, returning, others, passed, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY depth, channel, returning, others, passed
