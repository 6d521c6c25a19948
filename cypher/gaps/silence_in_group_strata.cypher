// What a silence of a group is compared with: the same transition outside the group, by depth
// Answers: for each depth at which the wait ended, how many journeys went along the transition as part of the group and how many of them
// waited long and were lost, and the same outside the group. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps           list of text: the two steps, e.g. ['open_ticket', 'agent_reply']
//   $longer_than_us  integer: a wait above this many microseconds is long, e.g. 86400000000
//   $known_until_us  integer: only waits that ended before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['open_ticket', 'agent_reply'], longer_than_us: 86400000000, known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, head([k IN range(1, size(journey.steps) - 1)
                    WHERE journey.steps[k - 1] = $steps[0] AND journey.steps[k] = $steps[1]]) AS k
WHERE k IS NOT NULL AND journey.outcome <> 'open' AND journey.occurred_at_us[k] < $known_until_us
WITH journey, [{k: k, event: journey.outcome = 'lost'
                  AND journey.occurred_at_us[k] - journey.occurred_at_us[k - 1] > $longer_than_us}] AS trials
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
WITH head([depth IN $depths WHERE depth > trial.k]) AS depth, trial.event AS event,
     coalesce(CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value, false) AS subject
RETURN depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY depth
