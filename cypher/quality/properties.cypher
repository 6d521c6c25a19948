// Every property of every kind of node
// Answers: for each kind of node and property how many nodes have it, of which types its values are, and its smallest value;
// a row without property tells how many nodes of the kind there are. Of properties that say who somebody is no value is told.
// Parameters:
//   $labels    list of text: the kinds, e.g. ['Customer', 'Touchpoint']
//   $personal  list of text: properties whose values stay untold, e.g. ['Customer.customer_id']
:params {labels: ['Customer', 'Touchpoint'], personal: ['Customer.customer_id']};
MATCH (n)
WITH [label IN labels(n) WHERE label IN $labels][0] AS label, properties(n) AS held // each node is read once
WHERE label IS NOT NULL
UNWIND [null] + keys(held) AS property
WITH label, property, held[property] AS value
WITH label, property, count(*) AS filled, collect(DISTINCT valueType(value)) AS types, min(value) AS least
RETURN label, property, filled, CASE WHEN property IS NULL THEN [] ELSE types END AS types,
       CASE WHEN label + '.' + property IN $personal THEN null ELSE least END AS example
ORDER BY label, property
