// Every property of every kind of relationship
// Answers: for each type and property how many relationships have it, of which types its values are, and its smallest value; a
// row without property tells how many relationships of the type there are. Of properties that tell of persons no value is told.
// Parameters:
//   $personal  list of text: properties whose values stay untold, e.g. ['IDENTIFIES.evidence']
:params {personal: []};
MATCH ()-[r]->()
WITH type(r) AS label, properties(r) AS held // each relationship is read once
UNWIND [null] + keys(held) AS property
WITH label, property, held[property] AS value
WITH label, property, count(*) AS filled, collect(DISTINCT valueType(value)) AS types, min(value) AS least
RETURN label, property, filled, CASE WHEN property IS NULL THEN [] ELSE types END AS types,
       CASE WHEN label + '.' + property IN $personal THEN null ELSE least END AS example
ORDER BY label, property
