// What a handoff of a group is compared with: the same move outside the group
// Answers: for each step before, stage arrived at and depth: how many moves there were as part of the group and how many journeys were
// lost on arrival, and the same outside the group. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps           list of text: the step before the move, or none for every step, e.g. ['checkout']
//   $from_channel    text: the channel that is left, e.g. 'app'
//   $to_channel      text: the channel that is entered, e.g. 'web'
//   $goals           list of text: the steps that end a conversion; an arrival there is none, e.g. ['purchase']
//   $known_until_us  integer: only arrivals before this instant (microseconds since 1970), e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $stages          map: the stage of each step, e.g. {checkout: 'purchase', payment: 'purchase'}
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['checkout'], from_channel: 'app', to_channel: 'web', goals: ['purchase'], known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, stages: {checkout: 'purchase', payment: 'purchase'}, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $from_channel IN journey.channels AND $to_channel IN journey.channels
WITH journey,
     [k IN range(1, size(journey.steps) - 1)
      WHERE journey.channels[k - 1] = $from_channel AND journey.channels[k] = $to_channel
        AND journey.occurred_at_us[k] < $known_until_us AND NOT journey.steps[k] IN $goals
        AND (size($steps) = 0 OR journey.steps[k - 1] = $steps[0]) |
      {k: k, event: journey.outcome = 'lost' AND k = size(journey.steps) - 1,
       step: journey.steps[k - 1], stage: $stages[journey.steps[k]]}] AS trials
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
WITH trial.step AS step, trial.stage AS stage, head([depth IN $depths WHERE depth > trial.k]) AS depth, trial.event AS event,
     coalesce(CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value, false) AS subject
RETURN step, stage, depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY step, stage, depth
