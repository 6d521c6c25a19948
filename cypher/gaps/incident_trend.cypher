// How often something happened at a step, day by day
// Answers: for each day (UTC) the visits to the step, and to how many of them it happened: lost right after it, gone on along
// the way, or a long wait. Of a way and a wait a journey's first visit counts, of an exit every one.
// Parameters:
//   $change          text: what changed: 'exit' (journeys are lost right after the step), 'way' (they go on along these steps) or 'wait' (they wait long between the two steps), e.g. 'way'
//   $steps           list of text: the step, or the steps of the way, e.g. ['cart', 'checkout']
//   $together        integer: how many of the steps a journey must go to be counted: 2 for a wait, else 1, e.g. 1
//   $longer_than_us  integer: a wait above this many microseconds is long, e.g. 0
//   $property        text or null: the property that makes the group, null for everybody, e.g. null
//   $value           text or null: its value, e.g. null
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $known_until_us  integer: only visits before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
:params {change: 'way', steps: ['cart', 'checkout'], together: 1, longer_than_us: 0, property: null, value: null, carried: false, members_at: null, known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WHERE $steps[0] IN journey.steps
WITH journey, [k IN range(0, size(journey.steps) - 1) WHERE journey.steps[k..k + $together] = $steps[..$together]] AS found
WITH journey, [k IN CASE $change WHEN 'exit' THEN found ELSE found[..1] END
               WHERE journey.occurred_at_us[k] < $known_until_us] AS found
WHERE size(found) > 0
WITH journey, found, CASE WHEN $property IS NULL THEN [] ELSE coalesce(journey.touchpoints, COLLECT {
       MATCH (:Journey {journey_id: journey.journey_id})-[i:INCLUDES]->(t:Touchpoint)
       RETURN t ORDER BY i.position
     }) END AS touchpoints, $property = 'segment' AND EXISTS {
       MATCH (:Customer {customer_id: journey.customer_id})-[m:IN_SEGMENT]->(:Segment {name: $value})
       WHERE CASE WHEN $members_at IS NULL THEN m.until IS NULL
         ELSE m.since <= datetime($members_at) AND coalesce(m.until > datetime($members_at), true) END } AS member
WITH journey, found, [t IN touchpoints | CASE $property WHEN 'campaign' THEN head([(t)-[:CAME_FROM]->(c:Campaign) | c.name])
                                 WHEN 'segment' THEN CASE WHEN member THEN $value END
                                 ELSE toStringOrNull(t[$property]) END] AS values
WITH journey, [k IN found WHERE $property IS NULL OR CASE WHEN $carried THEN last([v IN values[..k + 1] WHERE v IS NOT NULL]) ELSE values[k] END = $value] AS visits
UNWIND visits AS k
WITH toString(date(datetime({epochMillis: journey.occurred_at_us[k] / 1000}))) AS day,
     CASE $change
       WHEN 'exit' THEN journey.outcome = 'lost' AND k = size(journey.steps) - 1
       WHEN 'wait' THEN journey.occurred_at_us[k + 1] - journey.occurred_at_us[k] > $longer_than_us
       ELSE journey.steps[k..k + size($steps)] = $steps END AS happened
RETURN day, count(CASE WHEN happened THEN 1 END) AS events, count(*) AS trials
ORDER BY day
