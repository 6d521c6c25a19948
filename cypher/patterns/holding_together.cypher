// Journeys that hold a sequential pattern of sets
// Answers: steps that share an instant are a set; a journey holds a pattern of sets where each is part of such a set of its
// own, in order. How many journeys there are (sequences), and how many hold the pattern anywhere (support). Asked for one
// group of them and again for another, it tells what the one does more often.
// Parameters:
//   $pattern           list of lists of text: the sets in order, e.g. [['email_open', 'view_product'], ['cart']]
//   $max_gap           integer or null: how many instants may lie between two of them; null for any number
//   $max_gap_seconds   number or null: how many seconds may lie between two of them
//   $max_span_seconds  number or null: how many seconds may lie between the first and the last
:params {pattern: [['view_product'], ['cart']], max_gap: null, max_gap_seconds: null, max_span_seconds: null};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey.steps AS steps, journey.occurred_at_us AS at_us
WITH *, [i IN range(0, size(steps) - 1) WHERE i = 0 OR at_us[i] <> at_us[i - 1]] AS begins
WITH [begin IN begins | at_us[begin]] AS instants,
     [n IN range(0, size(begins) - 1) | steps[begins[n]..coalesce(begins[n + 1], size(steps))]] AS sets
// at[k] is the last set, so far, at which the first k + 1 are done, and the latest one at which such a match begins; -1 for
// none
WITH last(reduce(at = [wanted IN $pattern | [-1, -1]], i IN range(0, size(sets) - 1) |
       [k IN range(0, size($pattern) - 1) |
         CASE WHEN NOT all(step IN $pattern[k] WHERE step IN sets[i]) THEN at[k]
              WHEN k = 0 THEN [i, i]
              WHEN at[k - 1][0] >= 0 AND i - at[k - 1][0] - 1 <= coalesce($max_gap, i)
                   AND ($max_gap_seconds IS NULL OR instants[i] - instants[at[k - 1][0]] <= $max_gap_seconds * 1000000)
                   AND ($max_span_seconds IS NULL OR instants[i] - instants[at[k - 1][1]] <= $max_span_seconds * 1000000)
              THEN [i, at[k - 1][1]]
              ELSE at[k] END]))[0] >= 0 AS holds
RETURN count(*) AS sequences, count(CASE WHEN holds THEN 1 END) AS support
