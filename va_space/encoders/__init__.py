"""The picture and music encoders, their predictors, and the configuration that is saved with them."""
