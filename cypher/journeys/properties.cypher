// The properties that touchpoints can have
// Answers: the names of the sources' own properties as they are stored (p_...).
// Parameters:
CALL db.propertyKeys() YIELD propertyKey
WHERE propertyKey STARTS WITH 'p_'
RETURN propertyKey AS property
ORDER BY property
