// Journeys of a group that passed a touchpoint between two other steps
// Answers: how many closed journeys went from one step through this one to another (the first time counts) and were part of the group
// at the end of that way, and how many of them were lost in the end.
// Parameters:
//   $steps           list of text: the touchpoint, e.g. ['ask_in_store']
//   $goals           list of text: the steps that end a conversion; a way to them is none, e.g. ['purchase']
//   $known_until_us  integer: only ways that ended before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['ask_in_store'], goals: ['purchase'], known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, examples: 5};
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
WITH journey, [{k: k, event: journey.outcome = 'lost'}] AS trials
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
