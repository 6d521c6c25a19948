// Journeys of a group that visited one of two steps for one purpose
// Answers: how many journeys visited either of the two steps as part of the group (the first visit counts) early enough to know what
// became of them, how many of them the rarer one; how many visited each, and how many of those are converted.
// Parameters:
//   $steps           list of text: the two steps, e.g. ['campaign_page', 'offer_page']
//   $rarer           text: the one that fewer journeys visited, e.g. 'offer_page'
//   $known_until_us  integer: only visits before this instant (microseconds since 1970): a journey window before the end of the data, e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
//   $examples        integer: how many journey ids to return, e.g. 5
:params {steps: ['campaign_page', 'offer_page'], rarer: 'offer_page', known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null, examples: 5};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, [k IN range(0, size(journey.steps) - 1)
               WHERE journey.occurred_at_us[k] < $known_until_us AND journey.steps[k] IN $steps
                 AND NOT journey.steps[k] IN journey.steps[..k] | {k: k, step: journey.steps[k]}] AS trials
WHERE size(trials) > 0
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
WITH journey, [trial IN trials WHERE CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value | trial.step] AS visited
WHERE size(visited) > 0
WITH journey, $steps[0] IN visited AS first, $steps[1] IN visited AS second, $rarer IN visited AS affected,
     journey.outcome = 'converted' AS converted
WITH journey, first, second, affected, converted
ORDER BY last(journey.occurred_at_us) DESC, journey.journey_id
WITH collect(CASE WHEN affected THEN journey.journey_id END) AS used,
     count(CASE WHEN affected THEN 1 END) AS affected, count(journey) AS denominator,
     count(DISTINCT CASE WHEN affected THEN journey.customer_id END) AS affected_customers,
     count(DISTINCT journey.customer_id) AS denominator_customers,
     count(CASE WHEN first THEN 1 END) AS first, count(CASE WHEN second THEN 1 END) AS second,
     count(CASE WHEN first AND converted THEN 1 END) AS first_converted,
     count(CASE WHEN second AND converted THEN 1 END) AS second_converted
RETURN affected, denominator, affected_customers, denominator_customers,
       {first: first, second: second, first_converted: first_converted, second_converted: second_converted} AS counts,
       used[..$examples] AS examples
