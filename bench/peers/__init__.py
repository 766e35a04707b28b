"""What one might write in Beatline's place, each as well as it can be written in an afternoon."""
