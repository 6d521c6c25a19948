// What a touchpoint of a group is compared with: the same way outside the group
// Answers: for each step before, step after and depth: how many journeys of the group went through the touchpoint and how many of them
// were lost in the end, and the same outside the group. The depth is that at which the way ends: the bucket's upper end,
// null above the last one.
// Parameters:
//   $steps           list of text: the touchpoint, e.g. ['ask_in_store']
//   $goals           list of text: the steps that end a conversion; a way to them is none, e.g. ['purchase']
//   $known_until_us  integer: only ways that ended before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $depths          list of integer: upper ends of the depth buckets, e.g. [1, 2, 3, 5, 10]
:params {steps: ['ask_in_store'], goals: ['purchase'], known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, depths: [1, 2, 3, 5, 10]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps AND journey.outcome <> 'open' AND size(journey.steps) > 2
WITH journey, head([k IN range(2, size(journey.steps) - 1)
                    WHERE journey.steps[k - 1] = $steps[0] AND journey.steps[k - 2] <> $steps[0]
                      AND journey.steps[k] <> $steps[0] AND journey.steps[k] <> journey.steps[k - 2]
                      AND journey.occurred_at_us[k] < $known_until_us AND NOT journey.steps[k] IN $goals]) AS k
WHERE k IS NOT NULL
WITH journey, [{k: k, event: journey.outcome = 'lost', from: journey.steps[k - 2], to: journey.steps[k]}] AS trials
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
WITH trial.from AS from, trial.to AS to, head([depth IN $depths WHERE depth > trial.k]) AS depth, trial.event AS event,
     coalesce(CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value, false) AS subject
RETURN from, to, depth, count(CASE WHEN subject THEN 1 END) AS trials, count(CASE WHEN subject AND event THEN 1 END) AS events,
       count(CASE WHEN NOT subject THEN 1 END) AS reference_trials,
       count(CASE WHEN NOT subject AND event THEN 1 END) AS reference_events
ORDER BY from, to, depth
