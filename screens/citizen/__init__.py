"""The screens that citizens see, one class a view class."""
