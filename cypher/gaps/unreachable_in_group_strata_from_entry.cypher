// What a step of a group without an entry is compared with: the same step outside the group, by depth
// Answers: for each depth of a closed journey's first visit to the step: how many there were as part of the group and how many of
// them did not begin at an entry, and the same outside. The depth is the bucket's upper end, null above the last one.
// Parameters:
//   $steps       list of text: the step, e.g. ['legacy_form']
//   $entries     list of text: the steps that journeys usually begin with, e.g. ['visit_home']
//   $property    text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value       text: its value, or the segment's name, e.g. 'ios'
//   $carried     boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at  text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $depths      list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['legacy_form'], entries: ['visit_home'], property: 'p_platform', value: 'ios', carried: false, members_at: null, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps AND journey.outcome <> 'open'
WITH journey, [{k: head([k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k] = $steps[0]]),
                event: NOT journey.steps[0] IN $entries}] AS trials
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
