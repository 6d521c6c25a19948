// Cases of a group in which a required step did not happen in time, and no conversion followed
// Answers: of the cases that started as part of the group and in which the step was due, and for which it is known what came in the
// journey window after it was due, and who had not converted before: how many were without the step and did not convert.
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
//   $examples     integer: how many journey ids to return, e.g. 5
:params {starts: 'purchase', since: null, steps: ['purchase', 'follow_up_email'], within_us: 604800000000, later: [], until_us: 2592000000000, data_end_us: 1767225600000000, window_us: 2592000000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, examples: 5};
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
WITH journey, [{k: first - offset, event: missing AND NOT converted}] AS trials
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
WITH journey, [trial IN trials WHERE CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value] AS visits
WHERE size(visits) > 0
WITH journey, size(visits) AS visits, any(visit IN visits WHERE visit.event) AS affected
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS hit,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers, sum(visits) AS visits
RETURN affected, denominator, affected_customers, denominator_customers, {visits: visits} AS counts,
       hit[..$examples] AS examples
