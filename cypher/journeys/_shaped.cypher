// Steps grouped and left out, repeats collapsed (a part that follows the source of the journeys)
// Parameters:
//   $names  map of text: for each step that has another name here, that name, e.g. {view_product: 'product'}
//   $without  list of text: steps that are left out, e.g. ['page_view']
//   $collapse  boolean: whether a step that follows itself in a journey counts once
// steps renamed by $names, without $without {
WITH journey, [k IN range(0, size(journey.steps) - 1) WHERE NOT journey.steps[k] IN $without] AS kept
WITH journey, kept, [k IN kept | coalesce($names[journey.steps[k]], journey.steps[k])] AS names
WITH journey, kept, names,
     [n IN range(0, size(kept) - 1) WHERE NOT $collapse OR n = 0 OR names[n] <> names[n - 1]] AS shown
WHERE size(shown) > 0
WITH journey {.*, steps: [n IN shown | names[n]], channels: [n IN shown | journey.channels[kept[n]]],
              occurred_at_us: [n IN shown | journey.occurred_at_us[kept[n]]]} AS journey
// } steps
