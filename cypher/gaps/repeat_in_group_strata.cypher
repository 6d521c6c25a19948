// What a repeated contact of a group is compared with: the same matter outside the group
// Answers: for each channel and depth: how many journeys made the step there as part of the group, and after how many the customer
// made it again in another channel within the time, and the same outside the group. The depth is the bucket's upper end, null
// above the last one.
// Parameters:
//   $steps           list of text: the step, e.g. ['complaint']
//   $within_us       integer: how soon, in microseconds, e.g. 604800000000
//   $known_until_us  integer: only first contacts before this instant (microseconds since 1970): that time before the end of the data, e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['complaint'], within_us: 604800000000, known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps
WITH journey.customer_id AS customer_id, collect(journey) AS journeys
WITH journeys,
     reduce(all = [], journey IN journeys | all +
            [k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0] |
             {at: journey.occurred_at_us[k], channel: journey.channels[k]}]) AS contacts
UNWIND journeys AS journey
WITH journey, contacts, head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0]]) AS k
WHERE journey.occurred_at_us[k] < $known_until_us
WITH journey, [{k: k, channel: journey.channels[k], event: any(again IN contacts
         WHERE again.channel <> journey.channels[k] AND again.at > journey.occurred_at_us[k]
           AND again.at - journey.occurred_at_us[k] <= $within_us)}] AS trials
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
WITH trial.channel AS channel, head([depth IN $depths WHERE depth > trial.k]) AS depth, trial.event AS event,
     coalesce(CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value, false) AS subject
RETURN channel, depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY channel, depth
