local ids, sizes, blob = whole_hash(base .. 'dimensions')
return {ids, sizes, blob, whole_hash(base .. 'shapes')}
