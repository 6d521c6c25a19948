// What leads to and from two steps for one purpose in a group, and the others
// Answers: for each step (null: the start before, the end of a lost journey after), how often it came right before and right after
// the first visit of a journey, as part of the group, to the first step, to the second one, and to the other steps. Moves to
// the two steps, and from a step to itself, are left out.
// Parameters:
//   $steps           list of text: the two steps, e.g. ['campaign_page', 'offer_page']
//   $others          list of text: the steps that they are told apart from, e.g. ['search', 'view_product']
//   $known_until_us  integer: only visits before this instant (microseconds since 1970), e.g. 4102444800000000
//   $property        text: the property that makes the group, e.g. 'p_platform', or 'segment'
//   $value           text: its value, or the segment's name, e.g. 'ios'
//   $carried         boolean: a value holds on until the journey's next one (campaigns), e.g. false
//   $members_at      text or null: an ISO 8601 instant: who was in the segment then; null: who is now
:params {steps: ['campaign_page', 'offer_page'], others: ['search', 'view_product'], known_until_us: 4102444800000000, property: 'p_platform', value: 'ios', carried: false, members_at: null};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, [k IN range(0, size(journey.steps) - 1)
               WHERE journey.occurred_at_us[k] < $known_until_us AND journey.steps[k] IN $steps + $others
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
UNWIND [trial IN trials WHERE CASE WHEN $carried THEN last([v IN values[..trial.k + 1] WHERE v IS NOT NULL]) ELSE values[trial.k] END = $value] AS trial
UNWIND [{before: true, step: CASE WHEN trial.k > 0 THEN journey.steps[trial.k - 1] END},
        {before: false, step: journey.steps[trial.k + 1]}] AS neighbour
WITH journey.steps[trial.k] AS step, neighbour.step AS neighbour, neighbour.before AS before
WHERE neighbour IS NULL OR (neighbour <> step AND NOT neighbour IN $steps)
RETURN neighbour,
       count(CASE WHEN before AND step = $steps[0] THEN 1 END) AS first_before,
       count(CASE WHEN before AND step = $steps[1] THEN 1 END) AS second_before,
       count(CASE WHEN before AND NOT step IN $steps THEN 1 END) AS others_before,
       count(CASE WHEN NOT before AND step = $steps[0] THEN 1 END) AS first_after,
       count(CASE WHEN NOT before AND step = $steps[1] THEN 1 END) AS second_after,
       count(CASE WHEN NOT before AND NOT step IN $steps THEN 1 END) AS others_after
ORDER BY neighbour
