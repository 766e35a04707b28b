"""What goes over the wire: camelCase JSON, amounts in major units, times in UTC."""
