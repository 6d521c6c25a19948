// What leads to and from two steps for one purpose, and the others
// Answers: for each step (null: the start before, the end of a lost journey after), how often it came right before and right
// after the first visit of a journey to the first step, to the second one, and to the other steps. Moves to the two
// steps, and from a step to itself, are left out.
// Parameters:
//   $steps           list of text: the two steps, e.g. ['campaign_page', 'offer_page']
//   $others          list of text: the steps that they are told apart from, e.g. ['search', 'view_product']
//   $known_until_us  integer: only visits before this instant (microseconds since 1970), e.g. 4102444800000000
:params {steps: ['campaign_page', 'offer_page'], others: ['search', 'view_product'], known_until_us: 4102444800000000};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
UNWIND [k IN range(0, size(journey.steps) - 1)
        WHERE journey.occurred_at_us[k] < $known_until_us AND journey.steps[k] IN $steps + $others
          AND NOT journey.steps[k] IN journey.steps[..k]] AS k
UNWIND [{before: true, step: CASE WHEN k > 0 THEN journey.steps[k - 1] END},
        {before: false, step: journey.steps[k + 1]}] AS neighbour
WITH journey.steps[k] AS step, neighbour.step AS neighbour, neighbour.before AS before
WHERE neighbour IS NULL OR (neighbour <> step AND NOT neighbour IN $steps)
RETURN neighbour,
       count(CASE WHEN before AND step = $steps[0] THEN 1 END) AS first_before,
       count(CASE WHEN before AND step = $steps[1] THEN 1 END) AS second_before,
       count(CASE WHEN before AND NOT step IN $steps THEN 1 END) AS others_before,
       count(CASE WHEN NOT before AND step = $steps[0] THEN 1 END) AS first_after,
       count(CASE WHEN NOT before AND step = $steps[1] THEN 1 END) AS second_after,
       count(CASE WHEN NOT before AND NOT step IN $steps THEN 1 END) AS others_after
ORDER BY neighbour
