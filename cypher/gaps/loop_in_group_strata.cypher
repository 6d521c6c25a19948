// What a loop of a group is compared with: journeys outside the group that hold the same steps as often
// Answers: for each number of visits to the steps of the cycle: how many journeys of the group hold them, and how many of them go
// round, and the same outside the group. The number is the bucket's upper end, null above the last one.
// Parameters:
//   $steps       list of text: the steps of the cycle, each once, e.g. ['cart', 'choose_delivery']
//   $ways        list of lists: the cycle begun at each of its steps and closed, e.g. [['cart', 'choose_delivery', 'cart'], ['choose_delivery', 'cart', 'choose_delivery']]
//   $property    text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value       text: its value, or the segment's name, e.g. 'ios'
//   $carried     boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at  text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $depths      list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['cart', 'choose_delivery'], ways: [['cart', 'choose_delivery', 'cart'], ['choose_delivery', 'cart', 'choose_delivery']], property: 'p_platform', value: 'ios', carried: false, members_at: null, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE all(step IN $steps WHERE step IN journey.steps)
  AND size([step IN journey.steps WHERE step IN $steps]) > size($steps)
WITH journey, [{k: head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] IN $steps]),
                often: size([step IN journey.steps WHERE step IN $steps]),
                event: any(k IN range(0, size(journey.steps) - size($steps) - 1)
                           WHERE journey.steps[k..k + size($steps) + 1] IN $ways)}] AS trials
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
WITH head([depth IN $depths WHERE depth >= trial.often]) AS depth, trial.event AS event,
     coalesce(CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value, false) AS subject
RETURN depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY depth
