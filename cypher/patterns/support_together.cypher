// Support of a sequential pattern of sets, and what became of the journeys that hold it
// Answers: steps that share an instant are a set; a journey holds a pattern of sets where each is part of such a set of its
// own, in order. The steps that share the outcome's instant are not before it. How many journeys there are (sequences), how many hold the pattern in the part before the outcome (support), how
// many of all have an outcome that is known (decided) and reached it (reached), and the same two among those that hold it
// (decided_with, reached_with) or its part (part_decided_with, part_reached_with). Open journeys are undecided unless they
// have reached the outcome already. Then the median of the seconds from where the pattern is first complete to the outcome
// and how many are behind it (timed; a loss has no instant), three journeys that hold it, those that reached the outcome
// first, for each slice of time the journeys that began in it, in all and with the pattern, and the value of the journeys'
// conversions, of all (total_weight) and of those that hold the pattern (weighted_support).
// Parameters:
//   $pattern           list of lists of text: the sets in order, e.g. [['email_open', 'view_product'], ['cart']]
//   $part              list of lists of text: a part of the pattern, e.g. [['cart']]; empty for none
//   $max_gap           integer or null: how many instants may lie between two of them; null for any number
//   $max_gap_seconds   number or null: how many seconds may lie between two of them
//   $max_span_seconds  number or null: how many seconds may lie between the first and the last
//   $outcome           text: 'converted', 'lost', or a step's name
//   $is_step           boolean: true where $outcome is a step's name
//   $slice_bounds_us   list of integers: where slices of time begin and end, in microseconds since 1970 (UTC); empty for none
:params {pattern: [['view_product'], ['cart']], part: [['cart']], max_gap: null, max_gap_seconds: null, max_span_seconds: null, outcome: 'converted', is_step: false, slice_bounds_us: [1735689600000000, 1767225600000000]};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey, CASE WHEN $is_step THEN $outcome IN journey.steps ELSE journey.outcome = $outcome END AS reached
WITH journey, reached, reached OR journey.outcome <> 'open' AS decided, journey.steps AS steps,
     journey.occurred_at_us AS at_us
WITH *, CASE WHEN $is_step AND reached THEN [i IN range(0, size(steps) - 1) WHERE steps[i] = $outcome][0]
             WHEN NOT $is_step AND journey.outcome = 'converted' THEN size(steps) - 1
             ELSE size(steps) END AS outcome_at
// stop is the first touchpoint at the outcome's instant, begins are the first ones of every instant before it
WITH *, CASE WHEN outcome_at = size(steps) THEN outcome_at
             ELSE [i IN range(0, outcome_at) WHERE at_us[i] = at_us[outcome_at]][0] END AS stop
WITH *, [i IN range(0, stop - 1) WHERE i = 0 OR at_us[i] <> at_us[i - 1]] AS begins
WITH *, [begin IN begins | at_us[begin]] AS instants,
     [n IN range(0, size(begins) - 1) | steps[begins[n]..coalesce(begins[n + 1], stop)]] AS sets
// at[k] is the last set, so far, at which the first k + 1 are done, and the latest one at which such a match begins; behind
// them stands where all were first done; -1 for none
WITH journey, reached, decided, at_us, outcome_at, instants, [wanted IN [$pattern, $part] |
       last(reduce(at = [k IN range(0, size(wanted)) | [-1, -1]], i IN range(0, size(sets)) |
         [k IN range(0, size(wanted)) |
           CASE WHEN k = size(wanted) THEN CASE WHEN k = 0 OR at[k][0] >= 0 THEN at[k] ELSE at[k - 1] END
                WHEN i = size(sets) OR NOT all(step IN wanted[k] WHERE step IN sets[i]) THEN at[k]
                WHEN k = 0 THEN [i, i]
                WHEN at[k - 1][0] >= 0 AND i - at[k - 1][0] - 1 <= coalesce($max_gap, i)
                     AND ($max_gap_seconds IS NULL OR instants[i] - instants[at[k - 1][0]] <= $max_gap_seconds * 1000000)
                     AND ($max_span_seconds IS NULL OR instants[i] - instants[at[k - 1][1]] <= $max_span_seconds * 1000000)
                THEN [i, at[k - 1][1]]
                ELSE at[k] END]))[0]] AS done
WITH journey.journey_id AS id, coalesce(journey.value, 0) AS value, reached, decided, done[0] >= 0 AS holds, done[1] >= 0 AS holds_part,
     (at_us[outcome_at] - instants[done[0]]) / 1000000.0 AS seconds,
     size([bound IN $slice_bounds_us WHERE bound <= at_us[0]]) - 1 AS slice
ORDER BY reached DESC, journey.customer_id, at_us[0], id
WITH count(*) AS sequences, count(CASE WHEN holds THEN 1 END) AS support,
     count(CASE WHEN decided THEN 1 END) AS decided, count(CASE WHEN reached THEN 1 END) AS reached,
     count(CASE WHEN decided AND holds THEN 1 END) AS decided_with,
     count(CASE WHEN reached AND holds THEN 1 END) AS reached_with,
     count(CASE WHEN decided AND holds_part THEN 1 END) AS part_decided_with,
     count(CASE WHEN reached AND holds_part THEN 1 END) AS part_reached_with,
     percentileCont(CASE WHEN reached AND holds THEN seconds END, 0.5) AS median_seconds_to_outcome,
     count(CASE WHEN reached AND holds THEN seconds END) AS timed,
     collect(CASE WHEN holds THEN id END)[0..3] AS examples,
     collect(slice) AS slices, collect(CASE WHEN holds THEN slice END) AS slices_with,
     sum(value) AS total_weight, sum(CASE WHEN holds THEN value ELSE 0 END) AS weighted_support
RETURN sequences, support, decided, reached, decided_with, reached_with, part_decided_with, part_reached_with,
       median_seconds_to_outcome, timed, examples,
       [s IN range(0, size($slice_bounds_us) - 2) | size([x IN slices WHERE x = s])] AS sequences_by_slice,
       [s IN range(0, size($slice_bounds_us) - 2) | size([x IN slices_with WHERE x = s])] AS support_by_slice,
       total_weight, weighted_support
