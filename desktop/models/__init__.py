"""Qt item models (Qt's word 'model'): rows in, cells out. Data classes live in desktop/domain."""
