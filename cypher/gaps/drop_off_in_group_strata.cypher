// What a drop-off of a group is compared with: the same step outside the group, by depth
// Answers: for each depth, how often the step (or transition) was visited as part of the group and how often journeys were
// lost there, and the same outside the group. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps           list of text: the step, or the two steps of the transition, e.g. ['view_product']
//   $property        text: the property that makes the group, e.g. 'p_platform'
//   $value           text: its value, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
//   $known_until_us  integer: only visits before this instant (microseconds since 1970), e.g. 4102444800000000
:params {steps: ['view_product'], property: 'p_platform', value: 'ios', carried: false, members_at: null, depths: [1, 2, 3, 5, 10], known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE last($steps) IN journey.steps
WITH journey, coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) AS touchpoints, $property = 'segment' AND EXISTS {
       MATCH (:Customer {customer_id: journey.customer_id})-[m:IN_SEGMENT]->(:Segment {name: $value})
       WHERE CASE WHEN $members_at IS NULL THEN m.until IS NULL
         ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END } AS member
WITH journey, [t IN touchpoints | CASE $property WHEN 'campaign' THEN head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])
                                 WHEN 'segment' THEN CASE WHEN member THEN $value END
                                 ELSE toStringOrNull(t[$property]) END] AS values
UNWIND range(size($steps) - 1, size(journey.steps) - 1) AS k
WITH journey, values, k
WHERE journey.steps[k] = last($steps) AND journey.occurred_at_us[k] < $known_until_us
  AND (size($steps) = 1 OR journey.steps[k - 1] = $steps[0])
WITH head([depth IN $depths WHERE depth > k]) AS depth,
     coalesce(CASE WHEN $carried THEN last([v IN values[..k + 1] WHERE v IS NOT NULL]) ELSE values[k] END = $value, false) AS subject,
     journey.outcome = 'lost' AND k = size(journey.steps) - 1 AS lost
RETURN depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND lost THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND lost THEN 1 END) AS reference_events
ORDER BY depth
